printf '*\n!sub/deep/\n!a.txt\nsub/deep/no*\n' > .dockerignore
echo no > sub/deep/no
