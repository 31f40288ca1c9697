mkdir hard
echo same > hard/one
ln hard/one hard/two
