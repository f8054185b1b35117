"""The benchmark: what is measured, one module a subject; it prints ratios to baselines that it runs in the same run."""
