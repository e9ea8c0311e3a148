/**
 * Plugins in CDI Lite: a build-compatible extension that does what the portable one of {@link org.sallyport.cdi} does, for
 * containers that have no portable extensions. Where there are some, that one is used and this one ignored. The annotations are
 * those of {@code org.sallyport.cdi}.
 */
@NullMarked
package org.sallyport.cdi.lite;

import org.jspecify.annotations.NullMarked;
