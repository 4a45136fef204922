"""How it looks: a view becomes text, a picture or a document. Nothing here knows SIP."""
