package org.sallyport;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Printable;

/**
 * Base of all failures of modules, links, limits and guests. The permitted types follow the life of a module:
 * malformed, invalid, unsupported, not compilable, unlinkable, and what happens at run time.
 *
 * <p>Messages may be shown in logs and terminals as they are: names that a module chose are {@linkplain Printable
 * printable} in them, each on one line, and they have at most {@value Printable#MESSAGE} characters.
 */
public abstract sealed class SallyportException extends RuntimeException
        permits TextFormatException,
                MalformedModuleException,
                InvalidModuleException,
                UnsupportedFeatureException,
                CompilationException,
                UntrustedArtefactException,
                CodeCacheException,
                LinkException,
                BindException,
                NoSuchExportException,
                LimitExceededException,
                ValueException,
                GuestException,
                ConcurrentEntryException,
                StoreClosedException {
    private static final long serialVersionUID = 1;

    protected SallyportException(String message, @Nullable Throwable cause) {
        super(Printable.message(message), cause);
    }
}
