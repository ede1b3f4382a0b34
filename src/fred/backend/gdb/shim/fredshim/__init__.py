"""The part of fred-ts that lives inside gdb: it obeys fred-ts over a unix socket (JSON lines, strictly nested)."""
