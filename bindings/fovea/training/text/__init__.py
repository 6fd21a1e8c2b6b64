"""What is read and made up: the corpus, what it is gathered from, the kinds of made-up text, the tokenizer."""
