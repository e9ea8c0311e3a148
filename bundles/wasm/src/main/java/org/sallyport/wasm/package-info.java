/** The vocabulary of WebAssembly that every other part speaks. */
@NullMarked
@Export
@Version("0.1.0")
package org.sallyport.wasm;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
