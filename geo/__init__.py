"""Pure analysis: cover, demand, gaps. Arrays in, arrays out; metres in EPSG:5179; no I/O."""
