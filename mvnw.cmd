@echo off
rem Runs the installed Maven if it is 3.8 or newer, else one from the Apache archive, kept below .m2.
setlocal

set "VERSION=3.9.11"
set "SHA512=03e2d65d4483a3396980629f260e25cac0d8b6f7f2791e4dc20bc83f9514db8d0f05b0479e699a5f34679250c49c8e52e961262ded468a20de0be254d8207076"
set "URL=https://archive.apache.org/dist/maven/maven-3/%VERSION%/binaries/apache-maven-%VERSION%-bin.zip"
if defined MVNW_DIST_URL set "URL=%MVNW_DIST_URL%"
if not defined MAVEN_USER_HOME set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "DISTS=%MAVEN_USER_HOME%\wrapper\dists"
set "MAVEN=%DISTS%\apache-maven-%VERSION%"

set "MAJOR="
for /f "tokens=3,4 delims=. " %%a in ('mvn -v 2^>nul ^| findstr /c:"Apache Maven"') do (
  set "MAJOR=%%a"
  set "MINOR=%%b"
)
if not defined MAJOR goto own
if %MAJOR% GTR 3 goto installed
if %MAJOR% EQU 3 if %MINOR% GEQ 8 goto installed

:own
if exist "%MAVEN%\bin\mvn.cmd" goto run
echo mvnw: downloading %URL% 1>&2
powershell -NoProfile -Command "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; [Net.ServicePointManager]::SecurityProtocol = 'Tls12'; New-Item -ItemType Directory -Force $env:DISTS | Out-Null; $zip = Join-Path $env:DISTS ([Guid]::NewGuid().ToString() + '.zip'); try { (New-Object Net.WebClient).DownloadFile($env:URL, $zip); $actual = (Get-FileHash $zip -Algorithm SHA512).Hash; if ($actual -ne $env:SHA512) { throw ('mvnw: ' + $env:URL + ' is not the expected file: its SHA-512 is ' + $actual) }; Expand-Archive $zip $env:DISTS } finally { if (Test-Path $zip) { Remove-Item $zip } }"
if errorlevel 1 exit /b 1

:run
call "%MAVEN%\bin\mvn.cmd" %*
exit /b %ERRORLEVEL%

:installed
call mvn %*
exit /b %ERRORLEVEL%
