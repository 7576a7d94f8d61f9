"""Files of contacts as others write them: each opened as one table with the columns of an audit."""
