package org.sallyport;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A directory cannot be used as a code cache. The message says why and what to do. */
public final class CodeCacheException extends SallyportException {
    private static final long serialVersionUID = 1;

    /** What is the matter. */
    public enum Problem {
        /** Others could read or change what is in it. */
        UNSAFE,
        /** It cannot be made, read or written. */
        UNUSABLE
    }

    private final Problem problem;
    private final transient @Nullable Path path;

    public CodeCacheException(Problem problem, Path path, String message, @Nullable Throwable cause) {
        super(path + ": " + message, cause);
        this.problem = problem;
        this.path = path;
    }

    public Problem problem() {
        return problem;
    }

    /** The directory or the file in it; null after serialization. */
    public @Nullable Path path() {
        return path;
    }
}
