"""What a front end must offer and what every front end shares: no toolkit."""
