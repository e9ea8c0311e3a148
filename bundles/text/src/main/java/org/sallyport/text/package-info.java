/**
 * The WebAssembly text format: {@link org.sallyport.text.Wat} turns modules into the binary format and back. Scripts of
 * assertions are in {@code org.sallyport.text.wast}.
 */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport.text;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
