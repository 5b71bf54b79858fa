"""Migrations of pymysql."""
