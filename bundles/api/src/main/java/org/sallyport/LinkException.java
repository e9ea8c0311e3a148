package org.sallyport;

import java.util.List;
import java.util.stream.Collectors;
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
        return gaps.getFirst() + (count > 1 ? " (and " + (count - 1) + " more)" : "") + "\n  in " + Printable.name(module)
                + gaps.stream().limit(SHOWN).skip(1).map(g -> "\n  " + g).collect(Collectors.joining())
                + (count > SHOWN ? "\n  … " + count + " in all, of which this text shows " + SHOWN : "");
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
