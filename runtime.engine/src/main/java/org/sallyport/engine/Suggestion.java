package org.sallyport.engine;

import java.util.Collection;

import org.sallyport.wasm.Printable;

/**
 * Finds the names that were probably meant. One for each error, since it only takes the time that an error is worth,
 * however many and whatever names a module has: what comes when that is over is not looked at.
 */
final class Suggestion {
    private static final int LONGEST = 64;

    /** Steps that are left: about a hundredth of a second at first. */
    private int steps = 2_000_000;

    /** {@code "; did you mean \"x\"?"}, or the empty text when nothing is near. */
    String from(String name, Collection<String> known) {
        String best = nearest(name, known);
        return best.isEmpty() ? "" : "; did you mean \"" + Printable.name(best) + "\"?";
    }

    /** The nearest name, or the empty text. */
    String nearest(String name, Collection<String> known) {
        String best = "";
        int least = Math.max(2, name.length() / 3) + 1;
        for (String candidate : known) {
            if (steps <= 0) {
                break;
            }
            int distance = distance(name, candidate, least);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /** Number of characters to insert, delete or replace (Levenshtein), if that is below {@code least}. */
    private int distance(String a, String b, int least) {
        steps--;
        if (a.length() > LONGEST || b.length() > LONGEST) {
            steps -= a.length() == b.length() ? a.length() : 0;
            return a.equalsIgnoreCase(b) ? 1 : least;
        }
        if (Math.abs(a.length() - b.length()) >= least) {
            return least;
        }
        steps -= a.length() * b.length();
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
