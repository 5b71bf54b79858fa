from scripts import inventory


def test_hosts_of_a_site_are_sorted():
    known = inventory.load("config/inventory.yml")
    assert inventory.hosts(known, "tokyo") == ["web-1", "web-2"]
