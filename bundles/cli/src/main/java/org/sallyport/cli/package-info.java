/** The command {@code sallyport}: one class per subcommand, found through {@link org.sallyport.cli.Main}. */
@NullMarked
package org.sallyport.cli;

import org.jspecify.annotations.NullMarked;
