"""What is printed and carried: a district on one A4 page, and a survey sheet for each planned site."""
