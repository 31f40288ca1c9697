printf 'Dockerfile\n.dockerignore\n' > .dockerignore
