"""`jiedun vault serve`: the vault over HTTP."""

import argparse
import sys
from pathlib import Path
from typing import Any

from jiedun.cli import _vault_at as at
from jiedun.cli.main import Exit
from jiedun.errors import UsageError


def configure(acts: Any) -> None:
    """Adds this act."""
    words = "HTTP 服务，缺省只在本机 / the vault over HTTP, on this machine by default"
    serve: argparse.ArgumentParser = acts.add_parser("serve", help=words, description=words)
    at.options(serve)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8378)
    serve.add_argument(
        "--api-keys", type=Path, help='JSON：{密钥的 SHA-256: {"name", "role", "scopes": […]}}'
    )
    serve.set_defaults(do=_serve)


def _serve(args: argparse.Namespace) -> int:
    import uvicorn

    from jiedun.vault.acts import SCOPES
    from jiedun.vault.serve import Service
    from jiedun.web.keys import ApiKeys, load_keys, loopback

    if not loopback(args.host) and args.api_keys is None:
        raise UsageError(
            "离开本机必须有密钥 / keys are needed beyond this machine", next_step="--api-keys FILE"
        )
    _no_core()
    keys = load_keys(args.api_keys, SCOPES) if args.api_keys else ApiKeys(None)
    with at.opened(args) as vault:
        app = Service(vault, keys).app()
        print(f"http://{args.host}:{args.port}  /openapi.json  (Ctrl-C)", file=sys.stderr)
        uvicorn.run(app, host=args.host, port=args.port, log_level="warning", access_log=False)
    return Exit.DONE


def _no_core() -> None:
    """A crash leaves no image of memory, which holds plain values and keys, on the disk."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
