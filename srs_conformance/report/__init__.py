"""Results of a run -> conformance.json, summary table, evidence folders. Knows no test runner."""
