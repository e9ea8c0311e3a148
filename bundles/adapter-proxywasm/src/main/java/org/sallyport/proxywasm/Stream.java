package org.sallyport.proxywasm;

import org.jspecify.annotations.Nullable;

/** What an instance knows of one exchange. */
final class Stream {
    final int id;
    @Nullable HttpMessage request;
    @Nullable HttpMessage response;
    /** What the filter answers itself. */
    @Nullable HttpMessage local;

    Stream(int id) {
        this.id = id;
    }
}
