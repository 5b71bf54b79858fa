import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from data_tools import read
from data_tools.summary import summarise


class TablesTest(unittest.TestCase):
    def setUp(self):
        self.folder = TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "prices.csv"
        self.path.write_text("item,price\nnut,1\nbolt,3\nscrew,2\n", encoding="utf-8")

    def test_columns_are_read(self):
        table = read(self.path)
        self.assertEquals(table.columns, ("item", "price"))
        self.assertNotEquals(table.rows, [])
        self.assertEqual(table.column("item"), ["nut", "bolt", "screw"])

    def test_a_column_is_summarised(self):
        figures = summarise(read(self.path), "price")
        self.assertAlmostEquals(figures["median"], 2.0)
        self.assertRegexpMatches(str(figures), "least")

    def test_an_unknown_column_is_an_error(self):
        with self.assertRaisesRegexp(KeyError, "weight"):
            read(self.path).column("weight")


if __name__ == "__main__":
    unittest.main()
