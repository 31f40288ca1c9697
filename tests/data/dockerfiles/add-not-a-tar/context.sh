echo 'no archive' > fake.tar.gz
echo content | gzip -n > plain.gz
