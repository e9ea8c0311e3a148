/** What providers must offer the engine. */
@Export
@NullMarked
@Version("0.1.0")
package org.sallyport.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
