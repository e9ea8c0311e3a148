// A parser and printer of a part of JSON, data classes, sequences, and a search by backtracking.

sealed interface Json

data class Text(val text: String) : Json

data class Whole(val number: Long) : Json

data class Items(val items: List<Json>) : Json

data class Record(val fields: Map<String, Json>) : Json

class Parser(private val source: String) {
    private var at = 0

    fun document(): Json = value().also { require(at == source.length) { "more at $at" } }

    private fun peek() = source.getOrElse(at) { '\u0000' }

    private fun take(c: Char) {
        require(peek() == c) { "expected $c at $at" }
        at++
    }

    private fun value(): Json = when (val c = peek()) {
        '"' -> Text(string())
        '[' -> Items(list('[', ']') { value() })
        '{' -> Record(list('{', '}') { val name = string(); take(':'); name to value() }.toMap())
        else -> {
            val start = at
            while (peek().isDigit() || at == start && c == '-') at++
            Whole(source.substring(start, at).toLong())
        }
    }

    private fun string(): String {
        take('"')
        val text = source.drop(at).takeWhile { it != '"' }
        at += text.length
        take('"')
        return text
    }

    private fun <T> list(open: Char, close: Char, item: () -> T): List<T> {
        take(open)
        val items = mutableListOf<T>()
        while (peek() != close) {
            if (items.isNotEmpty()) take(',')
            items += item()
        }
        take(close)
        return items
    }
}

fun show(json: Json): String = when (json) {
    is Text -> "'${json.text}'"
    is Whole -> json.number.toString()
    is Items -> json.items.joinToString(" ", "[", "]") { show(it) }
    is Record -> json.fields.entries.joinToString("; ", "{", "}") { (name, value) -> "$name: ${show(value)}" }
}

fun queens(size: Int, rows: List<Int> = emptyList()): Int =
    if (rows.size == size) 1
    else (0 until size).filter { column ->
        rows.withIndex().none { (row, other) -> other == column || rows.size - row == kotlin.math.abs(other - column) }
    }.sumOf { queens(size, rows + it) }

fun documents() {
    val json = Parser("""{"name":"gate","parts":[1,-20,"bar",[]],"inner":{"a":{"b":9007199254740993}}}""").document()
    println(show(json))
    println(json)
    println(json == Parser("""{"name":"gate","parts":[1,-20,"bar",[]],"inner":{"a":{"b":9007199254740993}}}""").document())
    for (broken in listOf("[1,2", "{\"a\":}", "[1]]")) {
        println(runCatching { Parser(broken).document() }.fold({ "fine" }, { if (it is NumberFormatException) "no number" else it.message }))
    }
    println((4..7).map { queens(it) })
    println(generateSequence(1L) { it * 3 + 1 }.filter { it % 2 == 0L }.take(12).fold(StringBuilder()) { s, n -> s.append(n).append('/') })
}
