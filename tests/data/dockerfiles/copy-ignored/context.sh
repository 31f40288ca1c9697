printf '# comment\n*.txt\n!b.txt\nsub/deep\n/empty\n' > .dockerignore
