/** Internal to its bundle. */
package org.sallyport.codegen.regalloc;
