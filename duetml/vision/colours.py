"""Colours as every screen understands them: what a picture's ICC profile says becomes sRGB."""

from io import BytesIO

from PIL import Image, ImageCms

MOST_PROFILE_BYTES = 4_000_000  # printers' profiles have up to two or three megabytes
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
MODE_OF = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # ICC.1, table 19: data colour space


def in_srgb(image: Image.Image, source: Image.Image) -> Image.Image:
    """RGB. `source` carries the profile of `image`; a broken or unfitting one is ignored, as
    browsers do."""
    profile = _profile(source.info.get("icc_profile"), image.mode)
    if profile is None:
        return image.convert("RGB")
    try:
        converted = ImageCms.profileToProfile(image, profile, SRGB, outputMode="RGB")
    except ImageCms.PyCMSError:
        return image.convert("RGB")
    return image.convert("RGB") if converted is None else converted


def _profile(data: object, mode: str) -> ImageCms.ImageCmsProfile | None:
    if not isinstance(data, bytes) or not 128 <= len(data) <= MOST_PROFILE_BYTES:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(data))
    except (OSError, ValueError):
        return None
    fits = MODE_OF.get(profile.profile.xcolor_space) == mode
    is_srgb = (profile.profile.profile_description or "").startswith("sRGB")
    return profile if fits and not is_srgb else None
