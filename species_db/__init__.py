"""The survey database: tables, vocabulary, taxa, review rules, the gate and exports. Knows no pixels."""
