#!/bin/sh
# Makes what stands in the image below the service: a JVM with the modules that the service needs in DIRECTORY/java, and in DIRECTORY/system
# what that JVM reads of this system: libraries, fonts, names. There is no shell in it, and no program but the JVM's and env.
#
#   scripts/image-root.sh DIRECTORY
#
# It needs the jlink of a JDK 25, and Debian or Ubuntu with fontconfig, fonts-dejavu-core and fonts-nanum.
set -eu

directory=${1:?the folder to make}
java=$directory/java
system=$directory/system

# What jdeps finds in the jars; providers that are found by name only (crypto, DNS, file systems, languages); jcmd and the debugger's agent;
# and jdk.security.auth, by which Spark's driver asks who its user is.
modules=java.base,java.compiler,java.desktop,java.instrument,java.naming,java.net.http,java.prefs,java.scripting
modules=$modules,java.security.jgss,java.sql.rowset,jdk.crypto.ec,jdk.incubator.vector,jdk.jcmd,jdk.jdwp.agent,jdk.jfr
modules=$modules,jdk.localedata,jdk.management,jdk.management.agent,jdk.naming.dns,jdk.net,jdk.security.auth,jdk.unsupported,jdk.zipfs

mkdir -p "$directory"
jlink --add-modules "$modules" --include-locales en,ko --no-header-files --no-man-pages --generate-cds-archive --output "$java"
# The service has neither a screen nor a loudspeaker, for which these would need libraries. The archive is one for heaps of 32 GB and more.
for unused in libawt_xawt.so libjawt.so libsplashscreen.so libjsound.so server/classes_nocoops.jsa; do rm -f "$java/lib/$unused"; done

# Below /usr as in Debian and Ubuntu.
for folder in bin lib lib64; do
  mkdir -p "$system/usr/$folder"
  ln -s "usr/$folder" "$system/$folder"
done

env=$(command -v env)
# The JVM loads this one by its name when it draws the first text.
fontconfig=$(ldconfig -p | sed -n 's/.*libfontconfig\.so\.1 .*=> //p' | head -n 1)
[ -n "$fontconfig" ] || { echo "libfontconfig.so.1 is missing: install fontconfig" >&2; exit 1; }
# The JVM's own libraries are there already.
libraries=$(ldd "$java"/bin/java "$java"/lib/*.so "$java"/lib/server/*.so "$fontconfig" "$env" \
  | sed -n 's|^[[:space:]]\(.* => \)\{0,1\}\(/[^ ]*\) (.*|\2|p' | grep -v "^$(realpath "$java")/" | sort -u)
files="$env $fontconfig $libraries"
for file in $files; do
  mkdir -p "$system${file%/*}"
  cp -L "$file" "$system$file"
done

for folder in /etc/fonts /usr/share/fontconfig/conf.avail /usr/share/fonts/truetype/dejavu /usr/share/fonts/truetype/nanum; do
  mkdir -p "$system$folder"
  cp -R "$folder/." "$system$folder"
done

# The package of a file; some packages name files as they were before /lib became /usr/lib.
package() {
  { dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "${1#/usr}" 2>/dev/null || dpkg-query -S "/usr$1"; } | sed 's/:.*//;q'
}

# By these, scanners learn what stands here, though nothing was installed.
mkdir -p "$system/etc" "$system/var/lib/dpkg/status.d"
cp -L /etc/os-release "$system/etc/os-release"
for name in $(for file in $files; do package "$file"; done | sort -u) fontconfig-config fonts-dejavu-core fonts-nanum; do
  dpkg-query -s "$name" >"$system/var/lib/dpkg/status.d/$name"
  mkdir -p "$system/usr/share/doc/$name"
  cp -L "/usr/share/doc/$name/copyright" "$system/usr/share/doc/$name/copyright"
done

printf '%s\n' root:x:0:0:root:/:/nonexistent chainrule:x:10001:10001:chainrule:/app:/nonexistent >"$system/etc/passwd"
printf '%s\n' root:x:0: chainrule:x:10001: >"$system/etc/group"
echo "hosts: files dns" >"$system/etc/nsswitch.conf"
mkdir "$system/tmp"
chmod 1777 "$system/tmp"
