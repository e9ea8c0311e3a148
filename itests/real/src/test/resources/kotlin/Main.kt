fun main() {
    trees()
    documents()
}
