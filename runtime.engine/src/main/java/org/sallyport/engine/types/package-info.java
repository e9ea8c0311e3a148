/** Types as the engine sees them: of hosts, and by what machine code sees of their values. */
@NullMarked
package org.sallyport.engine.types;

import org.jspecify.annotations.NullMarked;
