"""Restoration: its tasks, how photographs are degraded, and how results are measured."""
