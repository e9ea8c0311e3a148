package org.sallyport.itests.real.teavm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/** Collections and strings: makes a text, counts its words, sorts, joins, reverses and looks for paths between words. */
final class Words {
    private record Count(String word, int times) {}

    private static final String[] SYLLABLES = {"sal", "ly", "port", "gate", "wa", "sm", "ri", "ver", "to", "wer"};

    private Words() {}

    static void run(StringBuilder out) {
        String[] words = text(4000).split(" ");
        Map<String, Integer> counts = new HashMap<>();
        for (String word : words) {
            counts.merge(word, 1, Integer::sum);
        }
        PriorityQueue<Count> queue = new PriorityQueue<>(
                Comparator.comparingInt((Count c) -> -c.times()).thenComparing(Count::word));
        counts.forEach((word, times) -> queue.add(new Count(word, times)));
        for (int i = 0; i < 8; i++) {
            out.append(queue.remove()).append('\n');
        }
        TreeMap<Integer, List<String>> byLength = new TreeMap<>();
        for (String word : counts.keySet()) {
            byLength.computeIfAbsent(word.length(), _ -> new ArrayList<>()).add(word);
        }
        byLength.forEach((length, list) -> {
            list.sort(Comparator.reverseOrder());
            out.append(length).append(": ").append(list.size()).append(' ').append(list.get(0)).append('\n');
        });
        Map<Character, Integer> letters = new LinkedHashMap<>();
        for (char c : String.join("", words).toUpperCase().toCharArray()) {
            letters.merge(c, 1, Integer::sum);
        }
        out.append(letters).append('\n');
        out.append(path(counts, "salport", "wasmgate")).append('\n');
        out.append(new StringBuilder(words[17]).reverse()).append(' ').append(words[3].hashCode()).append('\n');
    }

    private static String text(int words) {
        StringBuilder text = new StringBuilder();
        int seed = 12345;
        for (int i = 0; i < words; i++) {
            for (int k = 0; k < 2; k++) {
                seed = seed * 1103515245 + 12345;
                text.append(SYLLABLES[(seed >>> 16) % SYLLABLES.length]);
            }
            text.append(' ');
        }
        return text.toString().trim();
    }

    /** Words that begin with the letter that the one before ends with. */
    private static String path(Map<String, Integer> words, String from, String to) {
        Map<String, String> before = new TreeMap<>();
        Deque<String> waiting = new ArrayDeque<>();
        waiting.add(from);
        before.put(from, "");
        List<String> all = new ArrayList<>(words.keySet());
        all.add(to);
        all.sort(null);
        while (!waiting.isEmpty()) {
            String word = waiting.poll();
            for (String next : all) {
                if (!before.containsKey(next) && next.charAt(0) == word.charAt(word.length() - 1)) {
                    before.put(next, word);
                    waiting.add(next);
                }
            }
        }
        StringBuilder path = new StringBuilder();
        for (String at = to; at != null && !at.isEmpty(); at = before.get(at)) {
            path.insert(0, at + " ");
        }
        return path.toString();
    }
}
