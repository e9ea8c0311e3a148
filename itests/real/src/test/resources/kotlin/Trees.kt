// Sealed classes, recursion, collections and exceptions.

sealed class Tree

class Leaf(val value: Int) : Tree()

class Branch(val left: Tree, val right: Tree) : Tree()

fun tree(depth: Int, seed: Int): Tree =
    if (depth == 0) Leaf(seed) else Branch(tree(depth - 1, seed * 2), tree(depth - 1, seed * 2 + 1))

fun sum(tree: Tree): Long = when (tree) {
    is Leaf -> tree.value.toLong()
    is Branch -> sum(tree.left) + sum(tree.right)
}

class Refused(message: String) : Exception(message)

fun trees() {
    println("trees " + (0..12 step 4).map { sum(tree(it, 1)) })
    val words = "the quick brown fox jumps over the lazy dog and the cat sees the fox".split(" ")
    val counts = words.groupingBy { it }.eachCount()
    println(counts.entries.sortedWith(compareBy({ -it.value }, { it.key })).take(5).joinToString { "${it.key}=${it.value}" })
    try {
        words.forEachIndexed { i, word -> if (word == "lazy") throw Refused("$word at $i") }
    } catch (e: Refused) {
        println("refused: ${e.message}")
    } finally {
        println("done with words")
    }
    val any: Any = 7
    try {
        println((any as String).length)
    } catch (e: ClassCastException) {
        println("7 is no text")
    }
}
