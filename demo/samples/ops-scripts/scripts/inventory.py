#!/usr/bin/env python3
"""List the machines of a site, as its inventory file knows them."""

import sys

import yaml


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.Loader)


def hosts(inventory, site):
    return sorted(host["name"] for host in inventory["hosts"] if host["site"] == site)


def main():
    path, site = sys.argv[1:]
    for name in hosts(load(path), site):
        print(name)


if __name__ == "__main__":
    main()
