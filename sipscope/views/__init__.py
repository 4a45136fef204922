"""What people look at, as plain values: ladders, graphs, tables and the report; no colours, no pixels."""
