module github.com/giaolien/giaolien

go 1.26
