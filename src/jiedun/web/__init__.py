"""What every HTTP service of the project needs: who calls, from where, and a body within limits."""
