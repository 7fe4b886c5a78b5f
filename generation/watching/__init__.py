"""How jobs are doing, as told to the people who wait for them."""
