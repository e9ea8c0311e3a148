package org.sallyport;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A module's imports could not be bound. Lists every gap. */
public final class LinkException extends SallyportException {
    private static final long serialVersionUID = 1;

    /**
     * One import that could not be bound.
     *
     * @param found what was there under that name, of an unfit type; null when there was nothing
     * @param hint the next step or the nearest candidate; may be empty
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

    public LinkException(String module, List<Gap> gaps) {
        super(
                gaps.getFirst() + (gaps.size() > 1 ? " (and " + (gaps.size() - 1) + " more)" : "") + "\n  in " + module
                        + gaps.stream().skip(1).map(g -> "\n  " + g).collect(Collectors.joining()),
                null);
        this.gaps = List.copyOf(gaps);
    }

    public List<Gap> gaps() {
        return gaps;
    }
}
