"""The survey database: tables, taxa, review rules, the gate and exports. Knows no pixels."""
