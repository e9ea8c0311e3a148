/**
 * Extism plug-ins as Java services: {@link org.sallyport.extism.ExtismPlugin}; what they import is {@link
 * org.sallyport.extism.ExtismModule}.
 */
@Export
@Version("1.0.0")
package org.sallyport.extism;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
