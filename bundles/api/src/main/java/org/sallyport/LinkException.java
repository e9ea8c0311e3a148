package org.sallyport;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Printable;

/**
 * A module's imports could not be bound. Lists the gaps in the order of the module: all of them, unless they are more
 * than {@value #MAX_GAPS}, which only hostile modules have. The message shows the first {@value #SHOWN} and says how
 * many there are.
 */
public final class LinkException extends SallyportException {
    private static final long serialVersionUID = 1;

    /** Further gaps are counted, but not listed. */
    public static final int MAX_GAPS = 10_000;
    /** Gaps in the message. */
    public static final int SHOWN = 50;

    /**
     * One import that could not be bound.
     *
     * @param found what was there under that name, of an unfit type; null when there was nothing
     * @param hint the next step or the nearest candidate; may be empty, and is beyond the first {@value #SHOWN} gaps
     */
    public record Gap(ImportType wanted, @Nullable String found, String hint) {
        @Override
        public String toString() {
            String text = found == null
                    ? "unknown import: " + wanted + " is not defined"
                    : "incompatible import type: " + wanted + ", found " + found;
            return hint.isEmpty() ? text : text + "; " + hint;
        }
    }

    private final transient List<Gap> gaps;
    private final int count;

    public LinkException(String module, List<Gap> gaps) {
        this(module, gaps, gaps.size());
    }

    /**
     * @param gaps the first {@value #MAX_GAPS} at most
     * @param count how many there are
     */
    public LinkException(String module, List<Gap> gaps, int count) {
        super(message(module, gaps, count), null);
        this.gaps = List.copyOf(gaps);
        this.count = count;
    }

    private static String message(String module, List<Gap> gaps, int count) {
        StringBuilder text = new StringBuilder().append(gaps.getFirst());
        if (count > 1) {
            text.append(" (and ").append(count - 1).append(" more)");
        }
        text.append("\n  in ").append(Printable.name(module));
        for (int i = 1; i < Math.min(gaps.size(), SHOWN); i++) {
            text.append("\n  ").append(gaps.get(i));
        }
        if (count > SHOWN) {
            text.append("\n  … ").append(count).append(" in all, of which this text shows ").append(SHOWN);
        }
        return text.toString();
    }

    /** The first {@value #MAX_GAPS} gaps. */
    public List<Gap> gaps() {
        return gaps == null ? List.of() : gaps;
    }

    /** How many gaps there are, listed or not. */
    public int count() {
        return count;
    }
}
