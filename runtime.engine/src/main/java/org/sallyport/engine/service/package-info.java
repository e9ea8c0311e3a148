/** How engines come to their users: the parts put together, as an OSGi service or by {@code ServiceLoader}, and rehearsed. */
@NullMarked
package org.sallyport.engine.service;

import org.jspecify.annotations.NullMarked;
