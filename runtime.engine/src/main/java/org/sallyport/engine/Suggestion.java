package org.sallyport.engine;

import java.util.Collection;

/** Finds the name that was probably meant. */
final class Suggestion {
    private static final int LONGEST = 64;

    private Suggestion() {}

    /** {@code "; did you mean \"x\"?"}, or the empty text when nothing is near. */
    static String from(String name, Collection<String> known) {
        String best = nearest(name, known);
        return best.isEmpty() ? "" : "; did you mean \"" + best + "\"?";
    }

    /** The nearest name, or the empty text. */
    static String nearest(String name, Collection<String> known) {
        String best = "";
        int least = Math.max(2, name.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(name, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /** Number of characters to insert, delete or replace (Levenshtein); capped for long names. */
    private static int distance(String a, String b) {
        if (a.length() > LONGEST || b.length() > LONGEST) {
            return a.equalsIgnoreCase(b) ? 1 : LONGEST;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                row[j] = Math.min(Math.min(above, row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
