INSERT INTO sensitive_gate (gate) VALUES (0)
