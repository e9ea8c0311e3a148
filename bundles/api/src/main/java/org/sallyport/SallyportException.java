package org.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * Base of all failures of modules, links, limits and guests. The permitted types follow the life of a module:
 * malformed, invalid, unsupported, not compilable, unlinkable, and what happens at run time.
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
                GuestException,
                ConcurrentEntryException,
                StoreClosedException {
    private static final long serialVersionUID = 1;

    protected SallyportException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
