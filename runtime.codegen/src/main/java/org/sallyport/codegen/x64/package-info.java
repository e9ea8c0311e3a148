/** x86-64 under Linux: the {@link org.sallyport.codegen.pipeline.Isa} and all that stands behind it. */
package org.sallyport.codegen.x64;
