/**
 * WASI preview 1 for guests: arguments, environment, streams, clocks, random numbers and host directories, each
 * granted one by one. Embedders begin with {@link org.sallyport.wasi.Wasi}.
 */
@Export
@Version("0.1.0")
@NullMarked
package org.sallyport.wasi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
